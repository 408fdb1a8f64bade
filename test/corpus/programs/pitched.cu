//// features: cudaMallocPitch, cudaMemcpy2D both ways, rows at their pitch
//// sequential
int pitched(const float *in, float *out, int width, int height) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) out[y * width + x] = in[y * width + width - 1 - x];
    return 1;
}
//// kernel
__global__ void mirror(const char *in, char *out, size_t pitch, int width, int height) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    const float *from = (const float *)(in + y * pitch);
    float *to = (float *)(out + y * pitch);
    to[x] = from[width - 1 - x];
}
//// wrapper
int pitched_cuda(const float *in, float *out, int width, int height) {
    char *d_in, *d_out;
    size_t pitch, pitch_out, row = width * sizeof(float);
    cudaMallocPitch(&d_in, &pitch, row, height);
    cudaMallocPitch(&d_out, &pitch_out, row, height);
    cudaMemcpy2D(d_in, pitch, in, row, row, height, cudaMemcpyHostToDevice);
    dim3 threads(8, 8), blocks((width + 7) / 8, (height + 7) / 8);
    mirror<<<blocks, threads>>>(d_in, d_out, pitch, width, height);
    cudaMemcpy2D(out, row, d_out, pitch_out, row, height, cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
    return pitch == pitch_out && pitch >= row && pitch % 32 == 0;
}
//// tests
float in[6] = {1, 2, 3, 4, 5, 6}, out[6];
wrapper(FUNCTION, in, out, 3, 2);
---
float in[150], out[150];
for (int i = 0; i < 150; i++) in[i] = i;
wrapper(FUNCTION, in, out, 15, 10);
