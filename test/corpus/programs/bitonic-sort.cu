//// features: sorting, shared memory, exclusive or of thread numbers
//// sequential
#include <algorithm>
void bitonic_sort(float *values, int n) {
    sort(values, values + n);
}
//// kernel
__global__ void bitonic(float *values, int n) {
    __shared__ float s[128];
    int t = threadIdx.x;
    s[t] = t < n ? values[t] : 3.4e38f;
    for (int k = 2; k <= blockDim.x; k <<= 1) {
        for (int j = k >> 1; j > 0; j >>= 1) {
            __syncthreads();
            int other = t ^ j;
            if (other > t && (s[t] > s[other]) == ((t & k) == 0)) {
                float kept = s[t];
                s[t] = s[other];
                s[other] = kept;
            }
        }
    }
    __syncthreads();
    if (t < n) values[t] = s[t];
}
//// wrapper
void bitonic_sort_cuda(float *values, int n) {
    float *device;
    cudaMalloc(&device, n * sizeof(float));
    cudaMemcpy(device, values, n * sizeof(float), cudaMemcpyHostToDevice);
    bitonic<<<1, 128>>>(device, n);
    cudaMemcpy(values, device, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(device);
}
//// tests
float values[6] = {3, -1, 2.5f, 0, 2.5f, -7};
wrapper(FUNCTION, values, 6);
---
float values[128];
for (int i = 0; i < 128; i++) values[i] = (i * 89) % 131 - 50;
wrapper(FUNCTION, values, 128);
