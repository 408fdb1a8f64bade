__device__ double warp_sum(double value) {
    for (int offset = 16; offset > 0; offset /= 2) {
        value += __shfl_down_sync(0xffffffffu, value, offset);
    }
    return value;
}

__global__ void gemv_kernel(int m, int n, const double *a, const double *x, double *y) {
    int lane = threadIdx.x % 32;
    int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
    if (row >= m) return;
    double part = 0.0;
    for (int j = lane; j < n; j += 32) {
        part += a[row * n + j] * x[j];
    }
    part = warp_sum(part);
    if (lane == 0) {
        y[row] = part;
    }
}
