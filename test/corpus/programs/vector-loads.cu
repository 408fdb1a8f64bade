//// features: float4 and int2 loads through a cast, make_float4, uchar4 pixels
//// sequential
void vector_loads(const float *in, float *out, int n) {
    for (int i = 0; i < n; i++) out[i] = in[i] * (i % 4 + 1) + i / 4;
}
//// kernel
__global__ void by_four(const float *in, float *out, int fours) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= fours) return;
    float4 v = reinterpret_cast<const float4 *>(in)[i];
    uchar4 weights = make_uchar4(1, 2, 3, 4);
    int2 both = make_int2(i, 0);
    reinterpret_cast<float4 *>(out)[i] =
        make_float4(v.x * weights.x + both.x, v.y * weights.y + both.x, v.z * weights.z + both.x + both.y, v.w * weights.w + both.x);
}
//// wrapper
void vector_loads_cuda(const float *in, float *out, int n) {
    float *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(float));
    cudaMalloc(&d_out, n * sizeof(float));
    cudaMemcpy(d_in, in, n * sizeof(float), cudaMemcpyHostToDevice);
    by_four<<<(n / 4 + 31) / 32, 32>>>(d_in, d_out, n / 4);
    cudaMemcpy(out, d_out, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
float in[12], out[12];
for (int i = 0; i < 12; i++) in[i] = i * 0.5f;
wrapper(FUNCTION, in, out, 12);
