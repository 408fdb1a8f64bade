//// features: blas, 2-D static shared memory, __syncthreads in a loop
//// sequential
void gemm_tiled(const float *a, const float *b, float *c, int m, int n, int k) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int l = 0; l < k; l++) sum += a[i * k + l] * b[l * n + j];
            c[i * n + j] = sum;
        }
}
//// kernel
#define TILE 4
__global__ void gemm_tiled_kernel(const float *a, const float *b, float *c, int m, int n, int k) {
    __shared__ float as[TILE][TILE];
    __shared__ float bs[TILE][TILE];
    int row = blockIdx.y * TILE + threadIdx.y, column = blockIdx.x * TILE + threadIdx.x;
    float sum = 0;
    for (int tile = 0; tile < (k + TILE - 1) / TILE; tile++) {
        int ac = tile * TILE + threadIdx.x, br = tile * TILE + threadIdx.y;
        as[threadIdx.y][threadIdx.x] = row < m && ac < k ? a[row * k + ac] : 0;
        bs[threadIdx.y][threadIdx.x] = br < k && column < n ? b[br * n + column] : 0;
        __syncthreads();
#pragma unroll
        for (int l = 0; l < TILE; l++) sum += as[threadIdx.y][l] * bs[l][threadIdx.x];
        __syncthreads();
    }
    if (row < m && column < n) c[row * n + column] = sum;
}
//// wrapper
void gemm_tiled_cuda(const float *a, const float *b, float *c, int m, int n, int k) {
    float *d_a, *d_b, *d_c;
    cudaMalloc(&d_a, m * k * sizeof(float));
    cudaMalloc(&d_b, k * n * sizeof(float));
    cudaMalloc(&d_c, m * n * sizeof(float));
    cudaMemcpy(d_a, a, m * k * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_b, b, k * n * sizeof(float), cudaMemcpyHostToDevice);
    gemm_tiled_kernel<<<dim3((n + TILE - 1) / TILE, (m + TILE - 1) / TILE), dim3(TILE, TILE)>>>(d_a, d_b, d_c, m, n, k);
    cudaMemcpy(c, d_c, m * n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_b);
    cudaFree(d_c);
}
//// tests
float a[4] = {1, 2, 3, 4}, b[4] = {5, 6, 7, 8}, c[4];
wrapper(FUNCTION, a, b, c, 2, 2, 2);
---
float a[7 * 9], b[9 * 5], c[35];
for (int i = 0; i < 63; i++) a[i] = i % 6 - 2;
for (int i = 0; i < 45; i++) b[i] = i % 4 + 0.5f;
wrapper(FUNCTION, a, b, c, 7, 5, 9);
