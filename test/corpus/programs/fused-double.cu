//// features: double multiply-add is fused; Horner's rule and a dot product at 17 digits
//// sequential
void fused_double(const double *x, int n, double *horner, double *dot) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double value = 0.1;
        for (double c : {0.7, -1.3, 0.9, 1.1}) value = fma(value, x[i], c);
        horner[i] = value;
        sum = fma(x[i], x[i], sum);
    }
    *dot = sum;
}
//// kernel
__global__ void horner_kernel(const double *x, int n, double *out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = (((0.1 * x[i] + 0.7) * x[i] - 1.3) * x[i] + 0.9) * x[i] + 1.1;
}
__global__ void dot_kernel(const double *x, int n, double *out) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i] * x[i];
    *out = sum;
}
//// wrapper
void fused_double_cuda(const double *x, int n, double *horner, double *dot) {
    double *d_x, *d_horner, *d_dot;
    cudaMalloc(&d_x, n * sizeof(double));
    cudaMalloc(&d_horner, n * sizeof(double));
    cudaMalloc(&d_dot, sizeof(double));
    cudaMemcpy(d_x, x, n * sizeof(double), cudaMemcpyHostToDevice);
    horner_kernel<<<(n + 31) / 32, 32>>>(d_x, n, d_horner);
    dot_kernel<<<1, 1>>>(d_x, n, d_dot);
    cudaMemcpy(horner, d_horner, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaMemcpy(dot, d_dot, sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_horner);
    cudaFree(d_dot);
}
//// tests
cout << setprecision(17);
double x[5] = {0.1, 0.2, 0.3, -0.4, 1.7}, horner[5], dot[1];
wrapper(FUNCTION, x, 5, horner, dot);
---
cout << setprecision(17);
double x[40], horner[40], dot[1];
for (int i = 0; i < 40; i++) x[i] = (i - 20) / 7.0;
wrapper(FUNCTION, x, 40, horner, dot);
