static double cg_fetch(const double *d_value) {
    double value;
    cudaMemcpy(&value, d_value, sizeof(double), cudaMemcpyDeviceToHost);
    return value;
}

double cg_step_cuda(int n, const double *a, double *x, double *r, double *p) {
    double *d_a, *d_x, *d_r, *d_p, *d_ap, *d_scalar;
    size_t bytes = n * sizeof(double);
    cudaMalloc(&d_a, n * bytes);
    cudaMalloc(&d_x, bytes);
    cudaMalloc(&d_r, bytes);
    cudaMalloc(&d_p, bytes);
    cudaMalloc(&d_ap, bytes);
    cudaMalloc(&d_scalar, sizeof(double));
    cudaMemcpy(d_a, a, n * bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d_r, r, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d_p, p, bytes, cudaMemcpyHostToDevice);

    int blocks = (n + 63) / 64;
    cg_multiply<<<blocks, 64>>>(n, d_a, d_p, d_ap);
    cg_dot<<<1, 64>>>(n, d_r, d_r, d_scalar);
    double rr = cg_fetch(d_scalar);
    cg_dot<<<1, 64>>>(n, d_p, d_ap, d_scalar);
    double alpha = rr / cg_fetch(d_scalar);
    cg_combine<<<blocks, 64>>>(n, alpha, d_p, 1.0, d_x);
    cg_combine<<<blocks, 64>>>(n, -alpha, d_ap, 1.0, d_r);
    cg_dot<<<1, 64>>>(n, d_r, d_r, d_scalar);
    double rr_new = cg_fetch(d_scalar);
    cg_combine<<<blocks, 64>>>(n, 1.0, d_r, rr_new / rr, d_p);

    cudaMemcpy(x, d_x, bytes, cudaMemcpyDeviceToHost);
    cudaMemcpy(r, d_r, bytes, cudaMemcpyDeviceToHost);
    cudaMemcpy(p, d_p, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_x);
    cudaFree(d_r);
    cudaFree(d_p);
    cudaFree(d_ap);
    cudaFree(d_scalar);
    return rr_new;
}
