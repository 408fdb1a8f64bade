//// features: reduction, __shfl_down_sync, one value a warp in shared memory
//// sequential
#include <algorithm>
int reduce_max_shuffle(const int *in, int n) {
    return *max_element(in, in + n);
}
//// kernel
#include <climits>
__inline__ __device__ int warp_max(int value) {
    for (int offset = warpSize / 2; offset > 0; offset >>= 1) value = max(value, __shfl_down_sync(0xffffffff, value, offset));
    return value;
}
__global__ void max_kernel(const int *in, int n, int *out) {
    __shared__ int of_warp[32];
    int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, value = INT_MIN;
    for (int i = threadIdx.x; i < n; i += blockDim.x) value = max(value, in[i]);
    value = warp_max(value);
    if (lane == 0) of_warp[warp] = value;
    __syncthreads();
    if (warp == 0) {
        value = lane < blockDim.x / 32 ? of_warp[lane] : INT_MIN;
        value = warp_max(value);
        if (lane == 0) *out = value;
    }
}
//// wrapper
int reduce_max_shuffle_cuda(const int *in, int n) {
    int *d_in, *d_out, out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    max_kernel<<<1, 128>>>(d_in, n, d_out);
    cudaMemcpy(&out, d_out, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
    return out;
}
//// tests
int in[5] = {3, -1, 9, 2, 9};
wrapper(FUNCTION, in, 5);
---
int in[3] = {-7, -3, -12};
wrapper(FUNCTION, in, 3);
---
int in[500];
for (int i = 0; i < 500; i++) in[i] = (i * 7919) % 1009 - 400;
wrapper(FUNCTION, in, 500);
