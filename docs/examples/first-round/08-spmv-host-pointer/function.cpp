void spmv_csr(int rows, const int *row_start, const int *column, const double *value, const double *x, double *y) {
    for (int i = 0; i < rows; i++) {
        double sum = 0.0;
        for (int e = row_start[i]; e < row_start[i + 1]; e++) {
            sum += value[e] * x[column[e]];
        }
        y[i] = sum;
    }
}
