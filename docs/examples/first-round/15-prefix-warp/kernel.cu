__global__ void running_total_kernel(const float *in, float *out, int n) {
    __shared__ float warp_total[32];
    int t = threadIdx.x;
    int lane = t & 31;
    int warp = t >> 5;
    float value = t < n ? in[t] : 0.0f;
    for (int delta = 1; delta < 32; delta <<= 1) {
        float below = __shfl_up_sync(0xffffffff, value, delta);
        if (lane >= delta) {
            value += below;
        }
    }
    if (lane == 31) {
        warp_total[warp] = value;
    }
    __syncthreads();
    for (int w = 0; w < warp; w++) {
        value += warp_total[w];
    }
    if (t < n) {
        out[t] = value;
    }
}
