//// features: __device__ variables, atomics on them, initial values, state kept between launches
//// sequential
int device_globals(const int *in, int n) {
    int odd = 100, weighted = 0;
    const int weight[4] = {1, 10, 100, 1000};
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < n; i++)
            if (in[i] % 2) odd++, weighted += weight[i % 4];
    return odd + weighted;
}
//// kernel
__device__ int odd = 100;
__device__ int weight[4] = {1, 10, 100, 1000};
__device__ int weighted;
__global__ void count_odd(const int *in, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n && in[i] % 2) {
        atomicAdd(&odd, 1);
        atomicAdd(&weighted, weight[i % 4]);
    }
}
//// wrapper
int device_globals_cuda(const int *in, int n) {
    int *d_in, first, second, zero = 0;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpyToSymbol(weighted, &zero, sizeof(int));
    count_odd<<<(n + 15) / 16, 16>>>(d_in, n);
    count_odd<<<(n + 15) / 16, 16>>>(d_in, n);
    cudaMemcpyFromSymbol(&first, odd, sizeof(int), 0, cudaMemcpyDeviceToHost);
    cudaMemcpyFromSymbol(&second, weighted, sizeof(int));
    cudaFree(d_in);
    return first + second;
}
//// tests
int in[6] = {1, 2, 3, 4, 5, 7};
wrapper(FUNCTION, in, 6);
---
int in[50];
for (int i = 0; i < 50; i++) in[i] = i * i + i / 3;
wrapper(FUNCTION, in, 50);
