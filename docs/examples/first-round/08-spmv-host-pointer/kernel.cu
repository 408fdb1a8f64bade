__global__ void spmv_csr_kernel(int rows, const int *row_start, const int *column, const double *value, const double *x,
                                double *y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < rows) {
        double sum = 0.0;
        for (int e = row_start[i]; e < row_start[i + 1]; e++) {
            sum += value[e] * x[column[e]];
        }
        y[i] = sum;
    }
}
