void sort_ascending_cuda(int *a, int n) {
    int threads = 1;
    while (threads < n) threads *= 2;
    int *d_a;
    cudaMalloc(&d_a, n * sizeof(int));
    cudaMemcpy(d_a, a, n * sizeof(int), cudaMemcpyHostToDevice);
    bitonic_sort_kernel<<<1, threads, threads * sizeof(int)>>>(d_a, n);
    cudaMemcpy(a, d_a, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
}
