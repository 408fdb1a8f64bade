__global__ void prime_flags_kernel(int *flags, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        flags[i] = i % 2;
    }
}
