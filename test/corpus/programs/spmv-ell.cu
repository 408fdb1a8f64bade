//// features: sparse, ELLPACK stored by columns
//// sequential
void spmv_ell(int rows, int width, const int *column, const double *value, const double *x, double *y) {
    for (int r = 0; r < rows; r++) {
        y[r] = 0;
        for (int k = 0; k < width; k++)
            if (column[k * rows + r] >= 0) y[r] += value[k * rows + r] * x[column[k * rows + r]];
    }
}
//// kernel
__global__ void spmv_ell_kernel(int rows, int width, const int *column, const double *value, const double *x, double *y) {
    for (int r = threadIdx.x; r < rows; r += blockDim.x) {
        double sum = 0;
        for (int k = 0; k < width; k++) {
            int c = column[k * rows + r];
            if (c < 0) continue;
            sum += value[k * rows + r] * x[c];
        }
        y[r] = sum;
    }
}
//// wrapper
void spmv_ell_cuda(int rows, int width, const int *column, const double *value, const double *x, double *y) {
    int *d_column, cells = rows * width;
    double *d_value, *d_x, *d_y;
    cudaMalloc(&d_column, cells * sizeof(int));
    cudaMalloc(&d_value, cells * sizeof(double));
    cudaMalloc(&d_x, rows * sizeof(double));
    cudaMalloc(&d_y, rows * sizeof(double));
    cudaMemcpy(d_column, column, cells * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_value, value, cells * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, rows * sizeof(double), cudaMemcpyHostToDevice);
    spmv_ell_kernel<<<1, 32>>>(rows, width, d_column, d_value, d_x, d_y);
    cudaMemcpy(y, d_y, rows * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_column);
    cudaFree(d_value);
    cudaFree(d_x);
    cudaFree(d_y);
}
//// tests
int column[6] = {0, 1, 2, 1, -1, 0};
double value[6] = {1, 2, 3, 4, 0, 5}, x[3] = {1, 2, 4}, y[3];
wrapper(FUNCTION, 3, 2, column, value, x, y);
---
int column[40 * 3];
double value[40 * 3], x[40], y[40];
for (int i = 0; i < 120; i++) column[i] = i % 7 == 0 ? -1 : (i * 11) % 40, value[i] = i % 9 * 0.25;
for (int i = 0; i < 40; i++) x[i] = i;
wrapper(FUNCTION, 40, 3, column, value, x, y);
