//// features: __constant__ structure with an initialiser, cudaMemcpyFromSymbol, second launch sees the new value
//// sequential
void constant_struct(int *out, int n) {
    for (int i = 0; i < n; i++) out[i] = i < n / 2 ? 3 * i + 5 : 10 * i - 1;
}
//// kernel
struct Line {
    int slope, offset;
};
__constant__ Line line = {3, 5};
__global__ void draw(int *out, int from, int to) {
    int i = from + threadIdx.x;
    if (i < to) out[i] = line.slope * i + line.offset;
}
//// wrapper
void constant_struct_cuda(int *out, int n) {
    int *d_out;
    cudaMalloc(&d_out, n * sizeof(int));
    draw<<<1, n>>>(d_out, 0, n / 2);
    Line now;
    cudaMemcpyFromSymbol(&now, line, sizeof(Line));
    now = {now.slope + 7, now.offset - 6};
    cudaMemcpyToSymbol(line, &now, sizeof now);
    draw<<<1, n>>>(d_out, n / 2, n);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
int out[6];
wrapper(FUNCTION, out, 6);
---
int out[41];
wrapper(FUNCTION, out, 41);
