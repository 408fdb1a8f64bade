//// features: histogram, atomicAdd in shared memory, unsigned char input
//// sequential
void histogram_shared(const unsigned char *in, int n, unsigned *bins) {
    for (int b = 0; b < 8; b++) bins[b] = 0;
    for (int i = 0; i < n; i++) bins[in[i] >> 4]++;
}
//// kernel
__global__ void histogram_kernel(const unsigned char *in, int n, unsigned *bins) {
    __shared__ unsigned mine[8];
    if (threadIdx.x < 8) mine[threadIdx.x] = 0;
    __syncthreads();
    int stride = blockDim.x * gridDim.x;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride) atomicAdd(&mine[in[i] / 16], 1);
    __syncthreads();
    if (threadIdx.x < 8) atomicAdd(&bins[threadIdx.x], mine[threadIdx.x]);
}
//// wrapper
void histogram_shared_cuda(const unsigned char *in, int n, unsigned *bins) {
    unsigned char *d_in;
    unsigned *d_bins;
    cudaMalloc(&d_in, n);
    cudaMalloc(&d_bins, 8 * sizeof(unsigned));
    cudaMemset(d_bins, 0, 8 * sizeof(unsigned));
    cudaMemcpy(d_in, in, n, cudaMemcpyHostToDevice);
    histogram_kernel<<<3, 32>>>(d_in, n, d_bins);
    cudaMemcpy(bins, d_bins, 8 * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_bins);
}
//// tests
unsigned char in[11] = {'h', 'i', 's', 't', 'o', 'g', 'r', 'A', 'M', '5', '~'};
unsigned bins[8];
wrapper(FUNCTION, in, 11, bins);
---
unsigned bins[8];
unsigned char in[300];
for (int i = 0; i < 300; i++) in[i] = 33 + (i * 37) % 93;
wrapper(FUNCTION, in, 300, bins);
