__global__ void magnitudes_kernel(const double *x, const double *y, double *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        float a = x[i];
        float b = y[i];
        out[i] = sqrtf(a * a + b * b);
    }
}
