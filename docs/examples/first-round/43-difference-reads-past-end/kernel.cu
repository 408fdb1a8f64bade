__global__ void forward_difference_kernel(const float *x, float *d, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        d[i] = x[i + 1] - x[i];
        if (i == n - 1) {
            d[i] = 0.0f;
        }
    }
}
