//// features: blas, one thread a row
//// sequential
void gemv_row(const float *a, const float *x, float *y, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
        float sum = 0;
        for (int c = 0; c < columns; c++) sum += a[r * columns + c] * x[c];
        y[r] = sum;
    }
}
//// kernel
__global__ void gemv_row_kernel(const float *__restrict__ a, const float *__restrict__ x, float *y, int rows, int columns) {
    const int r = threadIdx.x + blockIdx.x * blockDim.x;
    if (r >= rows) return;
    float sum = 0.0f;
    for (int c = 0; c < columns; ++c) sum += a[r * columns + c] * x[c];
    y[r] = sum;
}
//// wrapper
void gemv_row_cuda(const float *a, const float *x, float *y, int rows, int columns) {
    float *d_a, *d_x, *d_y;
    cudaMalloc(&d_a, sizeof(float) * rows * columns);
    cudaMalloc(&d_x, sizeof(float) * columns);
    cudaMalloc(&d_y, sizeof(float) * rows);
    cudaMemcpy(d_a, a, sizeof(float) * rows * columns, cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, sizeof(float) * columns, cudaMemcpyHostToDevice);
    dim3 block(16), grid((rows + block.x - 1) / block.x);
    gemv_row_kernel<<<grid, block>>>(d_a, d_x, d_y, rows, columns);
    cudaMemcpy(y, d_y, sizeof(float) * rows, cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_x);
    cudaFree(d_y);
}
//// tests
float a[6] = {1, 2, 3, 4, 5, 6}, x[3] = {1, 0, -1}, y[2];
wrapper(FUNCTION, a, x, y, 2, 3);
---
float a[33 * 9], x[9], y[33];
for (int i = 0; i < 33 * 9; i++) a[i] = (i * 7) % 11 - 5;
for (int i = 0; i < 9; i++) x[i] = 0.5f * i;
wrapper(FUNCTION, a, x, y, 33, 9);
