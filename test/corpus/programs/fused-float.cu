//// features: float multiply-add is fused as nvcc contracts it; the rounding error of a product shows it
//// sequential
void fused_float(const float *a, const float *b, int n, float *error, float *sum) {
    for (int i = 0; i < n; i++) {
        volatile float product = a[i] * b[i];
        error[i] = fmaf(a[i], b[i], -product);
        sum[i] = fmaf(a[i], b[i], 1.0f);
    }
}
//// kernel
__global__ void fused_float_kernel(const float *a, const float *b, int n, float *error, float *sum) {
    int i = threadIdx.x;
    if (i >= n) return;
    float product = __fmul_rn(a[i], b[i]);
    error[i] = a[i] * b[i] - product;
    sum[i] = a[i] * b[i] + 1.0f;
}
//// wrapper
void fused_float_cuda(const float *a, const float *b, int n, float *error, float *sum) {
    float *d;
    size_t bytes = n * sizeof(float);
    cudaMalloc(&d, 4 * bytes);
    cudaMemcpy(d, a, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d + n, b, bytes, cudaMemcpyHostToDevice);
    fused_float_kernel<<<1, 32>>>(d, d + n, n, d + 2 * n, d + 3 * n);
    cudaMemcpy(error, d + 2 * n, bytes, cudaMemcpyDeviceToHost);
    cudaMemcpy(sum, d + 3 * n, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d);
}
//// tests
cout << setprecision(17);
float a[4] = {0.1f, 1.1f, 3.3f, -0.7f}, b[4] = {0.1f, 1.1f, 0.3f, 0.7f}, error[4], sum[4];
wrapper(FUNCTION, a, b, 4, error, sum);
---
cout << setprecision(17);
float a[30], b[30], error[30], sum[30];
for (int i = 0; i < 30; i++) a[i] = 1.0f + i / 7.0f, b[i] = -1.0f - i / 11.0f;
wrapper(FUNCTION, a, b, 30, error, sum);
