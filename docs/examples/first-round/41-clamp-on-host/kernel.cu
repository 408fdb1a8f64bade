__global__ void clamp_kernel(float *x, int n, float low, float high) {
}
