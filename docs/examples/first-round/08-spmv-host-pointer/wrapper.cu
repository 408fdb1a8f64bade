void spmv_csr_cuda(int rows, const int *row_start, const int *column, const double *value, const double *x, double *y) {
    int entries = row_start[rows];
    int columns = 0;
    for (int e = 0; e < entries; e++) {
        if (column[e] >= columns) columns = column[e] + 1;
    }
    int *d_row_start, *d_column;
    double *d_value, *d_x, *d_y;
    cudaMalloc(&d_row_start, (rows + 1) * sizeof(int));
    cudaMalloc(&d_column, entries * sizeof(int));
    cudaMalloc(&d_value, entries * sizeof(double));
    cudaMalloc(&d_x, columns * sizeof(double));
    cudaMalloc(&d_y, rows * sizeof(double));
    cudaMemcpy(d_row_start, row_start, (rows + 1) * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_column, column, entries * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_value, value, entries * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, columns * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemset(d_y, 0, rows * sizeof(double));
    spmv_csr_kernel<<<(rows + 31) / 32, 32>>>(rows, d_row_start, d_column, d_value, d_x, y);
    cudaDeviceSynchronize();
    cudaMemcpy(y, d_y, rows * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_row_start);
    cudaFree(d_column);
    cudaFree(d_value);
    cudaFree(d_x);
    cudaFree(d_y);
}
