//// features: sparse, CSR, irregular loops
//// sequential
void spmv_csr(int rows, const int *start, const int *column, const float *value, const float *x, float *y) {
    for (int r = 0; r < rows; r++) {
        y[r] = 0;
        for (int k = start[r]; k < start[r + 1]; k++) y[r] += value[k] * x[column[k]];
    }
}
//// kernel
__global__ void spmv_csr_kernel(int rows, const int *start, const int *column, const float *value, const float *x, float *y) {
    int r = blockDim.x * blockIdx.x + threadIdx.x;
    if (r < rows) {
        float sum = 0;
        for (int k = start[r], end = start[r + 1]; k < end; k++) sum += value[k] * x[column[k]];
        y[r] = sum;
    }
}
//// wrapper
void spmv_csr_cuda(int rows, const int *start, const int *column, const float *value, const float *x, float *y) {
    int entries = start[rows], *d_start, *d_column;
    float *d_value, *d_x, *d_y;
    cudaMalloc(&d_start, (rows + 1) * sizeof(int));
    cudaMalloc(&d_column, entries * sizeof(int));
    cudaMalloc(&d_value, entries * sizeof(float));
    cudaMalloc(&d_x, rows * sizeof(float));
    cudaMalloc(&d_y, rows * sizeof(float));
    cudaMemcpy(d_start, start, (rows + 1) * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_column, column, entries * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_value, value, entries * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, rows * sizeof(float), cudaMemcpyHostToDevice);
    spmv_csr_kernel<<<(rows + 127) / 128, 128>>>(rows, d_start, d_column, d_value, d_x, d_y);
    cudaMemcpy(y, d_y, rows * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_start);
    cudaFree(d_column);
    cudaFree(d_value);
    cudaFree(d_x);
    cudaFree(d_y);
}
//// tests
int start[4] = {0, 2, 2, 5}, column[5] = {0, 2, 0, 1, 2};
float value[5] = {1, 2, 3, 4, 5}, x[3] = {1, 10, 100}, y[3];
wrapper(FUNCTION, 3, start, column, value, x, y);
---
int start[6] = {0, 1, 3, 5, 7, 8}, column[8] = {0, 0, 1, 1, 2, 2, 3, 4};
float value[8] = {2, -1, 2, -1, 2, -1, 2, 0.5f}, x[5] = {1, 2, 3, 4, 5}, y[5];
wrapper(FUNCTION, 5, start, column, value, x, y);
