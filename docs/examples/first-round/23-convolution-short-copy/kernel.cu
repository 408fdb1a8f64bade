__constant__ float c_filter[16];

__global__ void convolve_kernel(const float *signal, int n, int taps, float *out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        float sum = 0.0f;
        for (int k = 0; k < taps; k++) {
            int at = i + k - taps / 2;
            if (at >= 0 && at < n) {
                sum += signal[at] * c_filter[k];
            }
        }
        out[i] = sum;
    }
}
