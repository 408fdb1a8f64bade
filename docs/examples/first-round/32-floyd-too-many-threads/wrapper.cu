void floyd_step_cuda(int dist[][6], int n, int k) {
    int *d_dist;
    cudaMalloc(&d_dist, n * 6 * sizeof(int));
    cudaMemcpy(d_dist, dist, n * 6 * sizeof(int), cudaMemcpyHostToDevice);
    dim3 block(64, 32);
    dim3 grid((n + 63) / 64, (n + 31) / 32);
    floyd_step_kernel<<<grid, block>>>(d_dist, n, k);
    cudaMemcpy(dist, d_dist, n * 6 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_dist);
}
