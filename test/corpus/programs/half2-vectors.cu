//// features: half2 packing, __hadd2, __hmul2, __low2float, storage as 16-bit values
//// sequential
void half2_vectors(const float *in, float *out, int pairs) {
    // Small multiples of 1/4 are exact in half precision.
    for (int i = 0; i < 2 * pairs; i++) out[i] = (in[i] + in[i]) * 0.5f * in[i];
}
//// kernel
#include <cuda_fp16.h>
__global__ void half2_kernel(const half2 *in, float *out, int pairs) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= pairs) return;
    half2 twice = __hadd2(in[i], in[i]);
    half2 result = __hmul2(__hmul2(twice, __float2half2_rn(0.5f)), in[i]);
    out[2 * i] = __low2float(result);
    out[2 * i + 1] = __high2float(result);
}
//// wrapper
void half2_vectors_cuda(const float *in, float *out, int pairs) {
    vector<half2> packed(pairs);
    for (int i = 0; i < pairs; i++) packed[i] = __floats2half2_rn(in[2 * i], in[2 * i + 1]);
    half2 *d_in;
    float *d_out;
    cudaMalloc(&d_in, pairs * sizeof(half2));
    cudaMalloc(&d_out, 2 * pairs * sizeof(float));
    cudaMemcpy(d_in, packed.data(), pairs * sizeof(half2), cudaMemcpyHostToDevice);
    half2_kernel<<<(pairs + 3) / 4, 4>>>(d_in, d_out, pairs);
    cudaMemcpy(out, d_out, 2 * pairs * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
float in[10], out[10];
for (int i = 0; i < 10; i++) in[i] = i * 0.25f - 1;
wrapper(FUNCTION, in, out, 5);
