#define RADIUS 2
#define BLOCK 16

__global__ void stencil_1d_kernel(const float *in, float *out, int n) {
    __shared__ float tile[BLOCK + 2 * RADIUS];
    int i = blockIdx.x * BLOCK + threadIdx.x;
    int s = threadIdx.x + RADIUS;
    tile[s] = i < n ? in[i] : 0.0f;
    if (threadIdx.x < RADIUS) {
        int left = i - RADIUS;
        int right = i + BLOCK;
        tile[s - RADIUS] = left >= 0 && left < n ? in[left] : 0.0f;
        tile[s + BLOCK] = right < n ? in[right] : 0.0f;
    }
    __syncthreads();
    if (i < n) {
        out[i] = tile[s - 2] - 4.0f * tile[s - 1] + 6.0f * tile[s] - 4.0f * tile[s + 1] + tile[s + 2];
    }
}
