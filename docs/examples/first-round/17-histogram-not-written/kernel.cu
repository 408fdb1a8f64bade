__global__ void histogram_kernel(const unsigned char *data, int n, int *bins, int nbins) {
    extern __shared__ int local[];
    for (int b = threadIdx.x; b < nbins; b += blockDim.x) {
        local[b] = 0;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        atomicAdd(&local[data[i] % nbins], 1);
    }
    __syncthreads();
}
