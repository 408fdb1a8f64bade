int escape_total_cuda(float start, float step, float im, int n, int limit) {
    int *d_total, total = 0;
    cudaMalloc(&d_total, sizeof(int));
    escape_total_kernel<<<1, n>>>(start, step, im, n, limit, d_total);
    cudaMemcpy(&total, d_total, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_total);
    return total;
}
