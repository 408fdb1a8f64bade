__global__ void dot_kernel(const double *a, const double *b, double *result, int n) {
    if (blockIdx.x == 0 && threadIdx.x == 0) {
        double sum = 0.0;
        for (int i = 0; i < n; i++) {
            sum += a[i] * b[i];
        }
        *result = sum;
    }
}
