//// features: sparse, COO, atomicAdd on double
//// sequential
void spmv_coo(int entries, const int *row, const int *column, const double *value, const double *x, double *y, int rows) {
    for (int r = 0; r < rows; r++) y[r] = 0;
    for (int k = 0; k < entries; k++) y[row[k]] += value[k] * x[column[k]];
}
//// kernel
__global__ void spmv_coo_kernel(int entries, const int *row, const int *column, const double *value, const double *x, double *y) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k < entries) atomicAdd(y + row[k], value[k] * x[column[k]]);
}
//// wrapper
void spmv_coo_cuda(int entries, const int *row, const int *column, const double *value, const double *x, double *y, int rows) {
    int *d_row, *d_column;
    double *d_value, *d_x, *d_y;
    cudaMalloc(&d_row, entries * sizeof(int));
    cudaMalloc(&d_column, entries * sizeof(int));
    cudaMalloc(&d_value, entries * sizeof(double));
    cudaMalloc(&d_x, rows * sizeof(double));
    cudaMalloc(&d_y, rows * sizeof(double));
    cudaMemcpy(d_row, row, entries * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_column, column, entries * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_value, value, entries * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, rows * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemset(d_y, 0, rows * sizeof(double));
    spmv_coo_kernel<<<(entries + 31) / 32, 32>>>(entries, d_row, d_column, d_value, d_x, d_y);
    cudaMemcpy(y, d_y, rows * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_row);
    cudaFree(d_column);
    cudaFree(d_value);
    cudaFree(d_x);
    cudaFree(d_y);
}
//// tests
int row[5] = {0, 2, 2, 0, 1}, column[5] = {0, 0, 1, 2, 2};
double value[5] = {1, 2, 3, 4, 5}, x[3] = {1, 2, 3}, y[3];
wrapper(FUNCTION, 5, row, column, value, x, y, 3);
---
int row[90], column[90];
double value[90], x[20], y[20];
for (int i = 0; i < 90; i++) row[i] = i * i % 20, column[i] = i * 3 % 20, value[i] = i % 8;
for (int i = 0; i < 20; i++) x[i] = 0.5 * i - 3;
wrapper(FUNCTION, 90, row, column, value, x, y, 20);
