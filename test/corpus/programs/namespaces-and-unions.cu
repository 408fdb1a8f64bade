//// features: namespaces, unions, bit fields, static device members, extern "C" kernels, references
//// sequential
void namespaces_and_unions(int *out, int n) {
    for (int i = 0; i < n; i++) {
        unsigned bits;
        float f = i + 0.5f;
        memcpy(&bits, &f, 4);
        out[i] = (int)(bits >> 20) + i % 8 * 2 + (i & 1);
    }
}
//// kernel
namespace tools {
union Bits {
    float f;
    unsigned u;
};
struct Packed {
    unsigned low : 3;
    unsigned flag : 1;
    __device__ static int twice(int v) { return 2 * v; }
};
__device__ void add_to(int &cell, int by) { cell += by; }
} // namespace tools
extern "C" __global__ void pack(int *out) {
    using tools::Packed;
    int i = threadIdx.x;
    tools::Bits bits;
    bits.f = i + 0.5f;
    Packed packed;
    packed.low = i;
    packed.flag = i & 1;
    int sum = bits.u >> 20;
    tools::add_to(sum, Packed::twice(packed.low));
    tools::add_to(sum, packed.flag);
    out[i] = sum;
}
//// wrapper
void namespaces_and_unions_cuda(int *out, int n) {
    int *d_out;
    cudaMalloc(&d_out, n * sizeof(int));
    pack<<<1, n>>>(d_out);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
int out[20];
wrapper(FUNCTION, out, 20);
