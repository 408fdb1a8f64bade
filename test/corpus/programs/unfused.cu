//// features: __fmul_rn, __fadd_rn, __dmul_rn, __dadd_rn are never contracted; fma and fmaf always
//// sequential
void unfused(const double *x, const double *y, int n, double *out) {
    for (int i = 0; i < n; i++) {
        volatile double product = x[i] * y[i];
        out[3 * i] = product + 1.0 / 3;
        volatile float f = (float)x[i] * (float)y[i];
        volatile float sum = f + 0.7f;
        out[3 * i + 1] = sum;
        out[3 * i + 2] = fma(x[i], y[i], 1.0 / 3);
    }
}
//// kernel
__global__ void separate(const double *x, const double *y, double *out) {
    int i = threadIdx.x;
    out[3 * i] = __dadd_rn(__dmul_rn(x[i], y[i]), 1.0 / 3);
    out[3 * i + 1] = __fadd_rn(__fmul_rn((float)x[i], (float)y[i]), 0.7f);
    out[3 * i + 2] = fma(x[i], y[i], 1.0 / 3);
}
//// wrapper
void unfused_cuda(const double *x, const double *y, int n, double *out) {
    double *d_x, *d_y, *d_out;
    cudaMalloc(&d_x, n * sizeof(double));
    cudaMalloc(&d_y, n * sizeof(double));
    cudaMalloc(&d_out, 3 * n * sizeof(double));
    cudaMemcpy(d_x, x, n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_y, y, n * sizeof(double), cudaMemcpyHostToDevice);
    separate<<<1, n>>>(d_x, d_y, d_out);
    cudaMemcpy(out, d_out, 3 * n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_y);
    cudaFree(d_out);
}
//// tests
cout << setprecision(17);
double x[8], y[8], out[24];
for (int i = 0; i < 8; i++) x[i] = 0.1 * (i + 1), y[i] = 1.7 - 0.3 * i;
wrapper(FUNCTION, x, y, 8, out);
