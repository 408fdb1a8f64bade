void magnitudes_cuda(const double *x, const double *y, double *out, int n) {
    double *d_x, *d_y, *d_out;
    size_t bytes = n * sizeof(double);
    cudaMalloc(&d_x, bytes);
    cudaMalloc(&d_y, bytes);
    cudaMalloc(&d_out, bytes);
    cudaMemcpy(d_x, x, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d_y, y, bytes, cudaMemcpyHostToDevice);
    magnitudes_kernel<<<(n + 31) / 32, 32>>>(d_x, d_y, d_out, n);
    cudaMemcpy(out, d_out, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_y);
    cudaFree(d_out);
}
