int array_sum_cuda(const int *data, int n) {
    const int threads = 16;
    int *d_data, *d_total;
    cudaMalloc(&d_data, n * sizeof(int));
    cudaMalloc(&d_total, sizeof(int));
    cudaMemcpy(d_data, data, n * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemset(d_total, 0, sizeof(int));
    array_sum_kernel<<<(n + threads - 1) / threads, threads, threads * sizeof(int)>>>(d_data, n, d_total);
    int total = 0;
    cudaMemcpy(&total, d_total, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_data);
    cudaFree(d_total);
    return total;
}
