#include <cuda_fp16.h>

__global__ void gemm_kernel(int m, int n, int k, const float *a, const float *b, float *c) {
    int row = blockIdx.y * blockDim.y + threadIdx.y;
    int col = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= m || col >= n) return;
    __half sum = __float2half(0.0f);
    for (int l = 0; l < k; l++) {
        __half x = __float2half(a[row * k + l]);
        __half y = __float2half(b[l * n + col]);
        sum = __float2half(__half2float(sum) + __half2float(x) * __half2float(y));
    }
    c[row * n + col] = __half2float(sum);
}
