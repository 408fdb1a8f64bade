//// features: cudaGetDeviceCount, cudaGetDeviceProperties, attributes and occupancy used for a launch
//// sequential
int device_properties(int *out, int n) {
    for (int i = 0; i < n; i++) out[i] = i / 32;
    return 32;
}
//// kernel
__global__ void warps(int *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = i / warpSize;
}
//// wrapper
int device_properties_cuda(int *out, int n) {
    int count = 0, most = 0, grid = 0, block = 0;
    cudaDeviceProp properties;
    cudaGetDeviceCount(&count);
    if (count < 1 || cudaSetDevice(0) != cudaSuccess) return -1;
    cudaGetDeviceProperties(&properties, 0);
    cudaDeviceGetAttribute(&most, cudaDevAttrMaxThreadsPerBlock, 0);
    if (most != properties.maxThreadsPerBlock) return -2;
    cudaOccupancyMaxPotentialBlockSize(&grid, &block, warps, 0, 0);
    if (block < 32 || block > most) return -3;
    int *d_out;
    cudaMalloc(&d_out, n * sizeof(int));
    warps<<<(n + block - 1) / block, block>>>(d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
    return properties.warpSize;
}
//// tests
int out[70];
wrapper(FUNCTION, out, 70);
