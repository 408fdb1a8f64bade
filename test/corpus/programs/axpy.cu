//// features: blas, float, guarded last block
//// sequential
void axpy(int n, float a, const float *x, float *y) {
    for (int i = 0; i < n; i++) y[i] += a * x[i];
}
//// kernel
__global__ void axpy_kernel(int n, float a, const float *x, float *y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}
//// wrapper
void axpy_cuda(int n, float a, const float *x, float *y) {
    float *d_x, *d_y;
    cudaMalloc(&d_x, n * sizeof(float));
    cudaMalloc(&d_y, n * sizeof(float));
    cudaMemcpy(d_x, x, n * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_y, y, n * sizeof(float), cudaMemcpyHostToDevice);
    axpy_kernel<<<(n + 63) / 64, 64>>>(n, a, d_x, d_y);
    cudaMemcpy(y, d_y, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_y);
}
//// tests
float x[5] = {1, 2, 3, 4, 5}, y[5] = {10, 20, 30, 40, 50};
wrapper(FUNCTION, 5, 2.0f, x, y);
---
float x[200], y[200];
for (int i = 0; i < 200; i++) x[i] = i % 7, y[i] = 0.5f * i;
wrapper(FUNCTION, 200, -0.25f, x, y);
---
float x[1] = {3}, y[1] = {-3};
wrapper(FUNCTION, 1, 1.0f, x, y);
