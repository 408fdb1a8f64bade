//// features: __ldg of char, short, unsigned, long long, float, double, int2 and float4
//// sequential
double ldg_types(int i) {
    double sum = 'a' + i % 26;
    sum += -3 * i;
    sum += 7u * i;
    sum += 1000000LL * i;
    sum += 0.5 * i;
    sum += 0.25 * i;
    sum += i + (i + 1);
    sum += i + 2 * i + 3 * i + 4 * i;
    return sum;
}
//// kernel
struct Row {
    float4 four;
    double wide;
    long long large;
    int2 two;
    float single;
    unsigned positive;
    short small;
    char letter;
};
__global__ void read_row(const Row *row, double *sum) {
    double s = __ldg(&row->letter);
    s += __ldg(&row->small);
    s += __ldg(&row->positive);
    s += __ldg(&row->large);
    s += __ldg(&row->single);
    s += __ldg(&row->wide);
    int2 two = __ldg(&row->two);
    float4 four = __ldg(&row->four);
    *sum = s + two.x + two.y + four.x + four.y + four.z + four.w;
}
//// wrapper
double ldg_types_cuda(int i) {
    Row row = {make_float4(i, 2 * i, 3 * i, 4 * i), 0.25 * i, 1000000LL * i, {i, i + 1}, 0.5f * i, 7u * i, (short)(-3 * i), (char)('a' + i % 26)};
    Row *d_row;
    double *d_sum, sum;
    cudaMalloc(&d_row, sizeof row);
    cudaMalloc(&d_sum, sizeof sum);
    cudaMemcpy(d_row, &row, sizeof row, cudaMemcpyHostToDevice);
    read_row<<<1, 1>>>(d_row, d_sum);
    cudaMemcpy(&sum, d_sum, sizeof sum, cudaMemcpyDeviceToHost);
    cudaFree(d_row);
    cudaFree(d_sum);
    return sum;
}
//// tests
cout << setprecision(17);
wrapper(FUNCTION, 5);
---
cout << setprecision(17);
wrapper(FUNCTION, 33);
