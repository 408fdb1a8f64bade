//// features: half precision, conversion rounds to nearest even, operators and intrinsics
//// sequential
float to_half(float v) {
    // Round to 11 significant bits, ties to even; inputs stay in the normal range.
    if (v == 0) return v;
    int exponent;
    frexp(v, &exponent);
    double unit = ldexp(1.0, exponent - 11);
    return (float)(nearbyint(v / unit) * unit);
}
void half_arithmetic(const float *a, const float *b, int n, float *out) {
    for (int i = 0; i < n; i++) {
        float x = to_half(a[i]), y = to_half(b[i]);
        out[4 * i] = to_half(x + y);
        out[4 * i + 1] = to_half(x * y);
        out[4 * i + 2] = to_half(x - y);
        out[4 * i + 3] = to_half((float)((double)x / y));
    }
}
//// kernel
#include <cuda_fp16.h>
__global__ void half_kernel(const float *a, const float *b, float *out) {
    int i = threadIdx.x;
    __half x = __float2half(a[i]), y = __float2half(b[i]);
    out[4 * i] = __half2float(__hadd(x, y));
    out[4 * i + 1] = __half2float(x * y);
    half difference = __hsub(x, y);
    out[4 * i + 2] = (float)difference;
    out[4 * i + 3] = __half2float(__hdiv(x, y));
}
//// wrapper
void half_arithmetic_cuda(const float *a, const float *b, int n, float *out) {
    float *d_a, *d_b, *d_out;
    cudaMalloc(&d_a, n * sizeof(float));
    cudaMalloc(&d_b, n * sizeof(float));
    cudaMalloc(&d_out, 4 * n * sizeof(float));
    cudaMemcpy(d_a, a, n * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_b, b, n * sizeof(float), cudaMemcpyHostToDevice);
    half_kernel<<<1, n>>>(d_a, d_b, d_out);
    cudaMemcpy(out, d_out, 4 * n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_b);
    cudaFree(d_out);
}
//// tests
cout << setprecision(12);
float a[4] = {1, 0.1f, 2049, -3.14159f}, b[4] = {3, 0.2f, 2, 2.71828f}, out[16];
wrapper(FUNCTION, a, b, 4, out);
---
cout << setprecision(12);
float a[20], b[20], out[80];
for (int i = 0; i < 20; i++) a[i] = 1.0f + i * 0.37f, b[i] = 20.5f - i * 0.71f;
wrapper(FUNCTION, a, b, 20, out);
