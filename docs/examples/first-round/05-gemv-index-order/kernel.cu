__global__ void gemv_kernel(int m, int n, const double *a, const double *x, double *y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < m) {
        double sum = 0.0;
        for (int j = 0; j < n; j++) {
            sum += a[j * m + i] * x[j];
        }
        y[i] = sum;
    }
}
