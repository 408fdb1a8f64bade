__global__ void array_sum_kernel(const int *data, int n, int *total) {
    extern __shared__ int part[];
    unsigned int t = threadIdx.x;
    unsigned int i = blockIdx.x * blockDim.x + t;
    part[t] = i < (unsigned int)n ? data[i] : 0;
    __syncthreads();
    for (unsigned int stride = blockDim.x / 2; stride > 0; stride >>= 1) {
        if (t < stride) {
            part[t] += part[t + stride];
        }
        __syncthreads();
    }
    if (t == 0) {
        atomicAdd(total, part[0]);
    }
}
