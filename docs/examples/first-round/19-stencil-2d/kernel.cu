constexpr int SIDE = 4;

__device__ __forceinline__ double pixel(const double *in, int height, int width, int y, int x) {
    return y >= 0 && y < height && x >= 0 && x < width ? in[y * width + x] : 0.0;
}

__global__ void laplacian_kernel(const double *__restrict__ in, double *__restrict__ out, int height, int width) {
    __shared__ double tile[SIDE + 2][SIDE + 2];
    const int x = blockIdx.x * SIDE + threadIdx.x;
    const int y = blockIdx.y * SIDE + threadIdx.y;
    const int tx = threadIdx.x + 1;
    const int ty = threadIdx.y + 1;
    tile[ty][tx] = pixel(in, height, width, y, x);
    if (threadIdx.y == 0) {
        tile[0][tx] = pixel(in, height, width, y - 1, x);
        tile[SIDE + 1][tx] = pixel(in, height, width, y + SIDE, x);
    }
    if (threadIdx.x == 0) {
        tile[ty][0] = pixel(in, height, width, y, x - 1);
        tile[ty][SIDE + 1] = pixel(in, height, width, y, x + SIDE);
    }
    __syncthreads();
    if (y < height && x < width) {
        out[y * width + x] = tile[ty - 1][tx] + tile[ty + 1][tx] + tile[ty][tx - 1] + tile[ty][tx + 1] - 4.0 * tile[ty][tx];
    }
}
