#define MAX_TAPS 16

__constant__ float c_filter[MAX_TAPS];

__global__ void convolve_kernel(const float *signal, int n, int taps, float *out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float sum = 0.0f;
    int first = i - taps / 2;
    for (int k = 0; k < taps; k++) {
        if (first + k >= 0 && first + k < n) {
            sum += signal[first + k] * c_filter[k];
        }
    }
    out[i] = sum;
}
