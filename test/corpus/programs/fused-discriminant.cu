//// features: a difference of a product and a variable that cancels unless fused; in a device function that is inlined
//// sequential
void fused_discriminant(const double *x, int n, double *out) {
    for (int i = 0; i < n; i++) {
        double square = x[i] * x[i];
        out[i] = fma(x[i], x[i], -square) == 0 ? 0 : 1;
        out[n + i] = fma(-x[i], x[i], square);
    }
}
//// kernel
__device__ double minus_square(double from, double x) { return from - x * x; }
__global__ void residue(const double *x, int n, double *out) {
    int i = threadIdx.x;
    double square = __dmul_rn(x[i], x[i]);
    double left = minus_square(square, x[i]);
    out[i] = left == 0 ? 0 : 1;
    out[n + i] = left;
}
//// wrapper
void fused_discriminant_cuda(const double *x, int n, double *out) {
    double *d_x, *d_out;
    cudaMalloc(&d_x, n * sizeof(double));
    cudaMalloc(&d_out, 2 * n * sizeof(double));
    cudaMemcpy(d_x, x, n * sizeof(double), cudaMemcpyHostToDevice);
    residue<<<1, n>>>(d_x, n, d_out);
    cudaMemcpy(out, d_out, 2 * n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_out);
}
//// tests
cout << setprecision(17);
double x[6] = {0.1, 1.1, 2, 1e10 + 1, 3.3, 0.5}, out[12];
wrapper(FUNCTION, x, 6, out);
