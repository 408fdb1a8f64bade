int count_runs_cuda(const int *a, int n) {
    int *d_a, *d_runs, runs = 0;
    cudaMalloc(&d_a, n * sizeof(int));
    cudaMalloc(&d_runs, sizeof(int));
    cudaMemcpy(d_a, a, n * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_runs, &runs, sizeof(int), cudaMemcpyHostToDevice);
    count_runs_kernel<<<(n + 31) / 32, 32>>>(d_a, n, d_runs);
    cudaMemcpy(&runs, d_runs, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_runs);
    return runs;
}
