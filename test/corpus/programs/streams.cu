//// features: two streams, cudaMemcpyAsync, pinned memory, events recorded, waited for and timed
//// sequential
int streams(const int *in, int *out, int n) {
    for (int i = 0; i < n; i++) out[i] = i < n / 2 ? in[i] + 1 : in[i] * 2;
    return 1;
}
//// kernel
__global__ void plus_one(int *v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] += 1;
}
__global__ void times_two(int *v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] *= 2;
}
//// wrapper
int streams_cuda(const int *in, int *out, int n) {
    int half = n / 2, rest = n - half, *pinned, *device;
    cudaStream_t stream[2];
    cudaEvent_t start, end;
    cudaMallocHost((void **)&pinned, n * sizeof(int));
    cudaMalloc((void **)&device, n * sizeof(int));
    cudaEventCreate(&start);
    cudaEventCreate(&end);
    for (int s = 0; s < 2; s++) cudaStreamCreate(&stream[s]);
    memcpy(pinned, in, n * sizeof(int));
    cudaEventRecord(start, 0);
    cudaMemcpyAsync(device, pinned, half * sizeof(int), cudaMemcpyHostToDevice, stream[0]);
    cudaMemcpyAsync(device + half, pinned + half, rest * sizeof(int), cudaMemcpyHostToDevice, stream[1]);
    plus_one<<<(half + 31) / 32, 32, 0, stream[0]>>>(device, half);
    times_two<<<(rest + 31) / 32, 32, 0, stream[1]>>>(device + half, rest);
    cudaMemcpyAsync(pinned, device, half * sizeof(int), cudaMemcpyDeviceToHost, stream[0]);
    cudaMemcpyAsync(pinned + half, device + half, rest * sizeof(int), cudaMemcpyDeviceToHost, stream[1]);
    for (int s = 0; s < 2; s++) cudaStreamSynchronize(stream[s]);
    cudaEventRecord(end, 0);
    cudaEventSynchronize(end);
    float ms = -1;
    cudaEventElapsedTime(&ms, start, end);
    memcpy(out, pinned, n * sizeof(int));
    for (int s = 0; s < 2; s++) cudaStreamDestroy(stream[s]);
    cudaEventDestroy(start);
    cudaEventDestroy(end);
    cudaFreeHost(pinned);
    cudaFree(device);
    return ms >= 0 && cudaGetLastError() == cudaSuccess;
}
//// tests
int in[7] = {1, 2, 3, 4, 5, 6, 7}, out[7];
wrapper(FUNCTION, in, out, 7);
---
int in[130], out[130];
for (int i = 0; i < 130; i++) in[i] = i;
wrapper(FUNCTION, in, out, 130);
