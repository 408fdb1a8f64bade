void polynomial_cuda(double *x, double *y, int n, const double *coefficient, int degree) {
    double *d_x, *d_y, *d_coefficient;
    cudaMalloc(&d_x, n * sizeof(double));
    cudaMalloc(&d_y, n * sizeof(double));
    cudaMalloc(&d_coefficient, (degree + 1) * sizeof(double));
    cudaMemcpy(d_x, x, n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_y, y, n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_coefficient, coefficient, (degree + 1) * sizeof(double), cudaMemcpyHostToDevice);
    polynomial_kernel<<<(n + 63) / 64, 64>>>(d_x, d_y, n, d_coefficient, degree);
    cudaMemcpy(x, d_x, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaMemcpy(y, d_y, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_y);
    cudaFree(d_coefficient);
}
