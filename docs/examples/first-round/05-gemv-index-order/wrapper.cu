void gemv_cuda(int m, int n, const double *a, const double *x, double *y) {
    double *d_a, *d_x, *d_y;
    cudaMalloc(&d_a, m * n * sizeof(double));
    cudaMalloc(&d_x, n * sizeof(double));
    cudaMalloc(&d_y, m * sizeof(double));
    cudaMemcpy(d_a, a, m * n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, n * sizeof(double), cudaMemcpyHostToDevice);
    gemv_kernel<<<(m + 255) / 256, 256>>>(m, n, d_a, d_x, d_y);
    cudaDeviceSynchronize();
    cudaMemcpy(y, d_y, m * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_x);
    cudaFree(d_y);
}
