void find_keys_cuda(const int *sorted, int n, const int *keys, int *where, int m) {
    int *d_sorted, *d_keys, *d_where;
    cudaMalloc(&d_sorted, n * sizeof(int));
    cudaMalloc(&d_keys, m * sizeof(int));
    cudaMalloc(&d_where, m * sizeof(int));
    cudaMemcpy(d_sorted, sorted, n * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_keys, keys, m * sizeof(int), cudaMemcpyHostToDevice);
    find_keys_kernel<<<(m + 31) / 32, 32>>>(d_sorted, n, d_keys, d_where, m);
    cudaMemcpy(where, d_where, m * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_sorted);
    cudaFree(d_keys);
    cudaFree(d_where);
}
